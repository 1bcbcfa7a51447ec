"""File formats of the registers: bytes into columns of text, columns into bytes. Bounded memory, hostile files refused."""
