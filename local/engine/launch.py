"""Start the local AWS engine: MiniStack with patches where it differs from AWS.

The process serves every AWS API on one loopback port and enforces IAM until it
gets a signal. The caller opens the port and passes it as a file descriptor, so
the caller knows and holds the address before this process starts.
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
VERSION = "1.5.33"  # the engine version that the patches are written for
OPEN_FILES = 10240


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen-fd", type=int, required=True, help="an open, bound TCP socket")
    parser.add_argument("--lock-fd", type=int, required=True, help="the lock this process holds while it lives")
    parser.add_argument("--authorization-log", required=True, help="file for the authorization decisions")
    parser.add_argument("--partition-write-units", type=int, default=0, help="write units that a partition key takes in a second; 0 is no limit")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input closes")
    return parser.parse_args()


def settings(port: int) -> dict[str, str]:
    """Return the environment variables that the engine reads during its import."""
    return {
        "AUTH": "true",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        # Functions inherit these variables and find the engine by them.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "COGNITO_EMAIL_ENABLED": "1",
        # Further listeners of the engine, which the project does not use.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Without a socket at this path, the engine does not use Docker.
        "DOCKER_HOST": "unix:///nonexistent",
    }


def allow_open_files() -> None:
    """Raise the limit of open files, because each connection and function needs some.

    macOS starts a process with a limit of 256 and allows 10240.
    """
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard_limit == resource.RLIM_INFINITY else min(hard_limit, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard_limit))


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
        os.set_inheritable(descriptor, False)  # a function's process must not inherit them
    with socket.socket(fileno=os.dup(args.listen_fd)) as listening:
        port = listening.getsockname()[1]
        # The engine sends header and body separately. Without TCP_NODELAY, the kernel holds the body back until the
        # client acknowledges the header, which takes 40 ms. Accepted connections inherit the option.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    os.environ.update(settings(port))
    allow_open_files()

    import patches

    patches.apply(VERSION, args.authorization_log, args.partition_write_units)

    from ministack.app import app

    if args.with_parent:
        stop_with_parent()
    asyncio.run(serve(app, args.listen_fd))
    from ministack.core import lambda_runtime

    lambda_runtime.reset()  # ends the functions' processes
    os._exit(0)  # the engine's threads are not daemons and would keep the process alive


if __name__ == "__main__":
    main()
