"""The law, pure: facts on a date and dated numbers go in, every rule's answer and an amount in fen come out."""
