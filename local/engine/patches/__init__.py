"""The places where the engine differs from AWS, each patched in a file of its own.

A patch says what AWS does, what the engine does, and what it changes. Before it
patches a place it checks that the place still looks as it did in the engine
version the patch was written for; if not, the engine does not start and the
message names the patch to look at. A patch goes when its check fails because the
engine has caught up with AWS.
"""

import importlib
import importlib.metadata
import inspect
from collections.abc import Callable


class Outdated(SystemExit):
    """The engine no longer looks the way a patch expects."""

    def __init__(self, patch: str, what: str):
        super().__init__(f"local/engine/patches/{patch}.py no longer fits this engine: {what}. "
                         "If the engine now does what AWS does, delete the patch; if not, adapt it.")


def expect(patch: str, place: Callable, *fragments: str) -> None:
    """Refuse to start unless the source of ``place`` still contains every fragment."""
    source = " ".join(inspect.getsource(place).split())
    for fragment in fragments:
        if fragment not in source:
            raise Outdated(patch, f"{place.__module__}.{place.__qualname__} no longer contains {fragment!r}")


def apply(version: str, ledger_path: str) -> None:
    """Apply every patch to the imported engine; the ledger first, so that it sees every decision."""
    installed = importlib.metadata.version("ministack")
    if installed != version:
        raise SystemExit(f"the patches are written for ministack {version}, but {installed} is installed")
    importlib.import_module("patches.ledger").apply(ledger_path)
    for name in (
        "secure_transport",
        "cors_keys",
        "secrets",
        "rotation",
        "tables",
        "alarms",
        "recorded_only",
        "kms_conditions",
        "service_keys",
        "email_identity",
        "auth_time",
        "client_secret",
        "read_attributes",
        "dkim_records",
        "function_logs",
        "function_errors",
        "source_address",
        "invoke_permission",
        "usernames",
        "challenge_triggers",
        "token_trigger",
        "confirmation",
        "password_reset",
        "attribute_updates",
        "attempt_limits",
        "token_revocation",
        "schedules",
    ):
        importlib.import_module(f"patches.{name}").apply()
