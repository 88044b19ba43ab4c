"""What a run did, address by address, and who is told while it goes on."""

from __future__ import annotations
