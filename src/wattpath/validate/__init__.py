"""The error ledger: predictions against published measurements, signed, row by row."""

from wattpath.validate.ledger import Group, Ledger, LedgerRow, Ranking, read_rows

__all__ = ["Group", "Ledger", "LedgerRow", "Ranking", "read_rows"]
