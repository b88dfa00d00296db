"""A scenario's place for facility and energy engineers: one hall, one supply, and the date."""
