"""Hashes texts to columns and codes, the same in a table and at its endpoint. Standard library only."""

import zlib

BITS = 16  # columns a hashed text becomes
BUCKETS = 1024  # codes a hashed category may have


def hash32(text: str) -> int:
    """A 32-bit hash, stable across machines and versions: CRC-32 with MurmurHash3's finalizer."""
    h = zlib.crc32(text.encode())
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return h ^ (h >> 16)


def hash_bits(text: str) -> list[int]:
    """BITS values of -1 or 1; the vectors of different texts are nearly orthogonal."""
    h = hash32(text)
    return [1 if h >> i & 1 else -1 for i in range(BITS)]


def hash_bucket(text: str) -> int:
    """A category code from 0 to BUCKETS - 1."""
    return hash32(text) % BUCKETS
