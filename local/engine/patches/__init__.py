"""Patches of the engine where it differs from AWS, one difference in each file.

The docstring of a patch says what AWS does, what the engine does, and when to
delete the patch. Before a patch replaces a function, it checks that the source of
the function still has the expected fragments. If the source has changed, the
engine does not start, and the message names the patch. Delete a patch when its
check fails because the engine now does what AWS does.
"""

import importlib
import importlib.metadata
import inspect
from collections.abc import Callable


class Outdated(SystemExit):
    """The engine's source has changed where a patch applies."""

    def __init__(self, patch: str, what: str):
        super().__init__(f"local/engine/patches/{patch}.py no longer fits this engine: {what}. "
                         "If the engine now does what AWS does, delete the patch; if not, adapt it.")


def expect(patch: str, place: Callable, *fragments: str) -> None:
    """Raise Outdated unless the source of ``place`` contains every fragment."""
    source = " ".join(inspect.getsource(place).split())
    for fragment in fragments:
        if fragment not in source:
            raise Outdated(patch, f"{place.__module__}.{place.__qualname__} no longer contains {fragment!r}")


def apply(version: str, authorization_log_path: str, partition_write_units: int) -> None:
    """Apply every patch to the imported engine; authorization_log first, so that it records every decision."""
    installed = importlib.metadata.version("ministack")
    if installed != version:
        raise SystemExit(f"the patches are written for ministack {version}, but {installed} is installed")
    importlib.import_module("patches.authorization_log").apply(authorization_log_path)
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
        "email_headers",
        "auth_time",
        "client_secret",
        "read_attributes",
        "dkim_records",
        "function_logs",
        "function_errors",
        "source_address",
        "closed_endpoint",
        "invoke_permission",
        "usernames",
        "challenge_triggers",
        "token_trigger",
        "confirmation",
        "user_status_filter",
        "password_reset",
        "attribute_updates",
        "attempt_limits",
        "token_revocation",
        "schedules",
        "schedule_times",
        "mapping_permissions",
        "queue_batches",
        "stream_batches",
        "leading_keys",
        "topics",
        "topic_delivery",
        "buckets",
        "bucket_access",
        "protected_resources",
        "expression_cache",
        "secondary_indexes",
        "expired_items",
        "default_object_key",
        "function_network",
        "alias_weights",
    ):
        importlib.import_module(f"patches.{name}").apply()
    importlib.import_module("patches.partition_throughput").apply(partition_write_units)
