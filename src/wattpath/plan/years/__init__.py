"""A plan over several years: what is bought when, what stands, every hour of every year."""
