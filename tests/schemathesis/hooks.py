"""How bodies that are no JSON travel: as the bytes they are."""

import schemathesis


def as_bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.serializer("application/cbor", "application/cose")
def serialize(ctx, value):
    return as_bytes(value)


@schemathesis.deserializer("application/cbor", "application/cose")
def deserialize(ctx, response):
    return response.content.decode("latin-1")
