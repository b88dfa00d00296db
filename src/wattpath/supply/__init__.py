"""Supply: power technologies, hourly operation, capacity and carbon in one optimisation."""
