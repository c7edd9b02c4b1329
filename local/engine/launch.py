"""Starts the local AWS engine: MiniStack, patched where it differs from AWS.

One process serves every AWS API on one loopback port, IAM enforced, until it
is signalled. The caller opens the port and hands it over as a file
descriptor, so the address is known and held before this process exists.
"""

import argparse
import asyncio
import os
import resource
import signal
import socket
import sys
import threading

ACCOUNT = "000000000000"
REGION = "eu-west-2"
VERSION = "1.5.33"  # the engine every patch was written against
OPEN_FILES = 10240


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen-fd", type=int, required=True, help="an open, bound TCP socket")
    parser.add_argument("--lock-fd", type=int, required=True, help="the lock this process holds while it lives")
    parser.add_argument("--ledger", required=True, help="file the authorization decisions are written to")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input closes")
    return parser.parse_args()


def settings(port: int) -> dict[str, str]:
    """The engine reads its settings from the environment while it is imported."""
    return {
        "AUTH": "true",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        # Functions inherit this environment and reach the engine through it.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "COGNITO_EMAIL_ENABLED": "1",
        # Listeners of its own that the project does not use.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Any socket path that does not exist: the engine then leaves Docker alone.
        "DOCKER_HOST": "unix:///nonexistent",
    }


def allow_open_files() -> None:
    """Every connection and every function holds some; macOS starts a process with 256 and ends at 10240."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(most, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def stop_with_parent() -> None:
    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


async def serve(app, listen_fd: int) -> None:
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{listen_fd}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await hypercorn_serve(app, config, shutdown_trigger=stop.wait)


def main() -> None:
    args = arguments()
    for descriptor in (args.listen_fd, args.lock_fd):
        os.set_inheritable(descriptor, False)  # a function's process must not keep either
    with socket.socket(fileno=os.dup(args.listen_fd)) as listening:
        port = listening.getsockname()[1]
        # Header and body are sent apart. Without this, which connections inherit, the kernel holds the body back
        # until the header is acknowledged, and the other side acknowledges after 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    os.environ.update(settings(port))
    allow_open_files()

    import patches

    patches.apply(VERSION, args.ledger)

    from ministack.app import app

    if args.with_parent:
        stop_with_parent()
    asyncio.run(serve(app, args.listen_fd))
    from ministack.core import lambda_runtime

    lambda_runtime.reset()  # ends the functions' processes
    os._exit(0)  # the engine's own threads are not daemons and would keep the process


if __name__ == "__main__":
    main()
