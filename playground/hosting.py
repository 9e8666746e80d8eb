"""Serves any WSGI application over HTTP on loopback, from a thread of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import WSGIApplication


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = False  # Requests under way are answered before the server is gone.
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    timeout = 10  # Seconds: whoever connects and says nothing must not keep the server open.

    def log_message(self, *_: object) -> None:
        """Say nothing: whoever hosts the application hears of its answers elsewhere."""


@contextmanager
def hosted(application: WSGIApplication) -> Iterator[str]:
    """Serve *application* while the block runs; gives its address, such as "http://127.0.0.1:4000"."""
    server = make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
