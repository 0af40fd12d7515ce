"""A mail server that is not ours (aiosmtpd): python server.py CERTIFICATE. It wants STARTTLS and a sign-in, says its
port, and then every mail as Python's own reader understands it, a line of JSON each. It ends with its input."""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = "vanphong".encode(), "bí mật".encode()


def say(value):
    print(json.dumps(value), flush=True)


class Inbox:
    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        parts = [part for part in mail.walk() if not part.is_multipart()]
        say(
            {
                "secure": session.ssl is not None,
                "signed_in": session.authenticated,
                "sender": envelope.mail_from,
                "recipients": envelope.rcpt_tos,
                "headers": {name: str(value) for name, value in mail.items()},
                "parts": {part.get_content_type(): part.get_content() for part in parts},
                "defects": [repr(defect) for part in mail.walk() for defect in part.defects],
            }
        )
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == USER and data.password == PASSWORD
    # Unhandled: the refusal is said by the server.
    return AuthResult(success=right, handled=right)


async def main():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[1])
    loop = asyncio.get_running_loop()

    def serve():
        return SMTP(
            Inbox(),
            hostname="test",
            tls_context=tls,
            require_starttls=True,
            authenticator=authenticate,
            auth_required=True,
            loop=loop,
        )

    server = await loop.create_server(serve, "127.0.0.1", 0)
    say({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
