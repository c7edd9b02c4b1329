"""Treat every request as sent over TLS.

AWS: clients use TLS, so aws:SecureTransport is true; the policies of buckets,
topics and queues deny other requests.
Engine 1.5.33: sets aws:SecureTransport to false for plain HTTP, so these policies
deny every request. The TLS mode of the engine does not help: its JWT check fetches
the keys over plain HTTP.
Delete when the engine serves everything over TLS, including its own key fetch.
"""

from patches import expect


def apply() -> None:
    from ministack import app
    from ministack.core import iam_evaluator

    expect("secure_transport", iam_evaluator.pin_request_origin, "_request_origin.set((source_ip, secure_transport))")
    expect("secure_transport", app.app, 'pin_request_origin((scope.get("client")')
    pin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, secure_transport: pin(source_ip, True)
