"""Every request counts as sent over TLS.

AWS: clients come over TLS, so aws:SecureTransport is true; buckets, topics and
queues deny the rest.
Engine 1.5.33: reports what the socket says, which over plain HTTP is false, and
then denies every such resource. Its TLS mode is no way out: the JWT check
fetches its keys over plain HTTP.
Can go when the engine serves everything, its own key fetch included, over TLS.
"""

from patches import expect


def apply() -> None:
    from ministack import app
    from ministack.core import iam_evaluator

    expect("secure_transport", iam_evaluator.pin_request_origin, "_request_origin.set((source_ip, secure_transport))")
    expect("secure_transport", app.app, 'pin_request_origin((scope.get("client")')
    pin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, secure_transport: pin(source_ip, True)
