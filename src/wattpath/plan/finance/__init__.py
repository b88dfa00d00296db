"""The plans as projects that lenders and owners pay for."""
