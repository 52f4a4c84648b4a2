"""How predictions and their keys look in the cache: exact to the last bit."""

from hashlib import sha256

import msgspec

from application.ports.models.credit_model import ModelVersion
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction

_PREFIX = b"scoring:prediction:1:"
"""The number changes with the meaning of key or value: replicas of two releases must not misread each other."""

_encode = msgspec.msgpack.Encoder(enc_hook=float).encode  # NumPy's numbers become plain ones, bit for bit
_decode = msgspec.msgpack.Decoder(Prediction).decode


def key_of(model: ModelVersion, characteristics: Characteristics) -> bytes:
    """A key of fixed length that tells nothing of the applicant.

    Hashed over the bits of every number: NaN equals itself here, 0.0 and -0.0 differ.
    """
    return _PREFIX + sha256(_encode((model.fingerprint, characteristics))).hexdigest().encode()


def encoded(prediction: Prediction) -> bytes:
    """The prediction as MessagePack, about 230 bytes; TypeError for what has no such form."""
    return _encode(prediction)


def decoded(value: bytes) -> Prediction | None:
    """The prediction, or None for anything else, such as one from a release with other fields."""
    try:
        return _decode(value)
    except msgspec.MsgspecError:
        return None
