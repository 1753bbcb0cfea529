"""The second program: it re-evaluates a certificate and shares no code with what wrote it.

It reads JSON and computes with python-flint; of symbp it imports nothing but its own rooms.
"""

from symbp.verify.judgement import Finding, Status, read_certificates, verify
from symbp.verify.pieces import MalformedError

__all__ = ["Finding", "MalformedError", "Status", "read_certificates", "verify"]
