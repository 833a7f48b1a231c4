"""Encryption of backups in the age format (age-encryption.org/v1), by the library `pyrage`.

The machine that makes backups holds the public key alone: it can seal and not open. Whoever restores brings the
identity, a file as `age-keygen` writes it. What was sealed here opens with `age -d` as well.
"""

import os
from pathlib import Path
from typing import Any

MAGIC = b"age-encryption.org/v1\n"
IDENTITY_VARIABLE = "SINAR_BACKUP_IDENTITY"


class SealingError(Exception):
    """A key cannot be used, or a file cannot be sealed or opened; the message says why and what to do."""


def check_key(text: str) -> None:
    """Raise SealingError unless `text` is a public key of age, `age1...`."""
    import pyrage

    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        told = f"no public key of age ({error}); write the line that age-keygen shows: age1 and 58 more letters"
        raise SealingError(told) from None


def is_sealed(file: Path) -> bool:
    """Whether the file is in the age format. Raises OSError."""
    with file.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


def seal(plain: Path, sealed: Path, public_key: str) -> None:
    """Encrypt a file to `sealed` (0600), in pieces, and see it to the disk. Raises OSError, SealingError."""
    import pyrage

    recipient = pyrage.x25519.Recipient.from_str(public_key)
    sealed.unlink(missing_ok=True)
    descriptor = os.open(sealed, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with plain.open("rb") as source, os.fdopen(descriptor, "wb") as target:
        try:
            pyrage.encrypt_io(source, target, [recipient])
        except pyrage.EncryptError as error:
            raise SealingError(f"not encrypted: {error}") from None
        target.flush()
        os.fsync(target.fileno())


def unseal(sealed: Path, plain: Path, identity_file: Path | None) -> None:
    """Decrypt a file to `plain`, which is made (0600) or written over.

    Raises SealingError when the identity is missing, is none, or is not the one; OSError.
    """
    import pyrage

    identities = _identities(sealed, identity_file)
    descriptor = os.open(plain, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with sealed.open("rb") as source, os.fdopen(descriptor, "wb") as target:
        try:
            pyrage.decrypt_io(source, target, identities)
        except pyrage.DecryptError as error:
            raise SealingError(f"{sealed}: no identity in {identity_file} opens it ({error})") from None
        except OSError as error:
            # The library tells of a damaged file in this way; the system's own errors have a number.
            if error.errno is not None:
                raise
            raise SealingError(f"{sealed}: damaged: {error}") from None


def opens(identity_file: Path, public_key: str) -> bool:
    """Whether one of the identities in the file opens what is sealed for the key. Raises SealingError."""
    return public_key in {str(identity.to_public()) for identity in _read(identity_file)}


def _identities(sealed: Path, file: Path | None) -> list[Any]:
    if file is None:
        raise SealingError(
            f"{sealed} is encrypted: name the file of its identity (AGE-SECRET-KEY-...) in {IDENTITY_VARIABLE} or with"
            " --identity"
        )
    return _read(file)


def _read(file: Path) -> list[Any]:
    import pyrage

    try:
        lines = [line.strip() for line in file.read_text(encoding="ascii").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SealingError(f"the identity {file} cannot be read: {reason}") from None
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        # Never the error itself: it may repeat what stands there.
        raise SealingError(f"{file} holds a line that is no identity of age (AGE-SECRET-KEY-...)") from None
    if not found:
        raise SealingError(f"{file} holds no identity of age (AGE-SECRET-KEY-...)")
    return found
