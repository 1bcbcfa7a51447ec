"""Tables of the kernel, and the two bases every stage's tables stand on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from anlan.kernel import ids


class Tracked(models.Model):
    """A table whose every row version is kept in `kernel_change` by a trigger, and which has row-level security.

    SCOPE "down": seen by readers above or at the row's division. "chain": also by readers below it (what a city
    decides, its counties see). "open": seen by everyone signed in.
    PERSONAL: its versions hold personal data and may one day be redacted (`journal.redact`), so each is sealed with a
    salt that goes with the data: without it the hash that stays tells nothing.
    APPEND_ONLY: the database refuses to change or delete a row; a correction is a new one.
    """

    SCOPE: ClassVar[str] = "open"
    PERSONAL: ClassVar[bool] = False
    APPEND_ONLY: ClassVar[bool] = False

    class Meta:
        abstract = True


class Row(Tracked):
    """A tracked row with a time-ordered id and the division it belongs to."""

    SCOPE: ClassVar[str] = "down"

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    division = models.CharField(max_length=12, db_index=True)

    class Meta:
        abstract = True


class BulkRow(models.Model):
    """A row of a mass table (readings): row-level security, no kept versions; the journal records each batch."""

    SCOPE: ClassVar[str] = "down"

    division = models.CharField(max_length=12)

    class Meta:
        abstract = True


class PartitionedRow(models.Model):
    """A row of a partitioned mass table that its own migration makes: no kept versions; the web only reads it.

    READS: the SQL condition of row-level security for a row, over columns of the table (`anlan_scope()` gives the
    reader's prefixes). It holds at the parent; the partitions themselves are closed to the web.
    """

    READS: ClassVar[str] = "false"

    class Meta:
        abstract = True
        managed = False


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; passwords are hashed with argon2."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Account:
        """Make an account; without a password it can only be entered by a one-time link."""
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A way in for one person at one post (账号). The post, not the account, carries the duty."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    person = models.UUIDField(null=True)
    post = models.UUIDField(null=True)
    organisation = models.UUIDField(null=True)
    divisions = models.JSONField(default=list)
    roles = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    failures = models.SmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = AccountManager()


class SignInLink(models.Model):
    """A one-time way in, kept only as a hash (一次性登录链接)."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ApiToken(models.Model):
    """A key that lets a program in as an account, with less reach (接口令牌). Kept only as a hash.

    `divisions`: prefixes no wider than the account's. `rights`: codes of tokens.RIGHTS. `hint`: its first characters,
    to tell it from others. Revoked or past its end, it opens nothing.
    """

    token_hash = models.CharField(max_length=64, unique=True, db_collation="C")
    hint = models.CharField(max_length=16)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=64)
    divisions = models.JSONField()
    rights = models.JSONField()
    rate_per_min = models.IntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(rate_per_min__range=(1, 60_000)), name="token_rate"),)


class TokenRate(models.Model):
    """When a token's requests so far would be used up at its rate: seconds since 1970. Unlogged: lost in a crash."""

    token = models.OneToOneField(ApiToken, primary_key=True, on_delete=models.CASCADE)
    tat = models.FloatField()


class IdempotencyKey(models.Model):
    """A write that named itself, and the answer it got, for as long as it may come again (幂等键). A row is committed with
    the write it stands for, or not at all.

    `asked`: digest of the request; `reach`: the scope it was asked with, as the database verified it: row-level security
    shows the row to no other. No versions are kept and no backup has it: answers hold personal data, and go for good.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    key = models.CharField(max_length=255, db_collation="C")
    reach = models.TextField()
    asked = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "key"], name="idempotency_key_once"),)


class NodeState(models.Model):
    """This database's identity: one row. `database` is renewed on restore, so a copy can't pass for its original."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    node = models.CharField(max_length=32)
    database = models.UUIDField(default=ids.new_id)
    drill = models.BooleanField(default=False)
    version = models.CharField(max_length=32, default="")


class DrillState(models.Model):
    """The drill this database is for: its clock and how fast it runs. One row, or none outside drills (演练)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    scenario = models.CharField(max_length=64)
    seed = models.BigIntegerField()
    profile = models.CharField(max_length=32)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    at = models.DateTimeField()
    speed = models.FloatField(default=0)
    state = models.CharField(max_length=16, default="paused")
    tick_s = models.IntegerField(default=30)
    settings = models.JSONField(default=dict)


class Entry(models.Model):
    """One event of the journal (日志条目). Never changed, never deleted; a trigger refuses both."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(unique=True)
    node = models.CharField(max_length=32)
    kind = models.CharField(max_length=64)
    version = models.SmallIntegerField()
    about = models.CharField(max_length=96, db_index=True)
    division = models.CharField(max_length=12)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.JSONField()
    data = models.JSONField()
    act = models.BigIntegerField(db_index=True)

    class Meta:
        indexes = (models.Index(fields=["kind", "at"]),)


class Change(models.Model):
    """A version of one row of a tracked table, as the transaction `act` left it."""

    id = models.BigAutoField(primary_key=True)
    act = models.BigIntegerField(db_index=True)
    tbl = models.CharField(max_length=63)
    op = models.CharField(max_length=1)
    key = models.CharField(max_length=64)
    division = models.CharField(max_length=12)
    reach = models.CharField(max_length=5)
    at = models.DateTimeField()
    row = models.JSONField(null=True)
    salt = models.UUIDField(null=True)

    class Meta:
        indexes = (models.Index(fields=["tbl", "key", "id"]),)


class Redaction(models.Model):
    """A row version whose personal data was destroyed by the act `act`; `before` is its digest as it was sealed, which
    keeps the chain provable. The entry of that act tells of it (`journal.redacted`)."""

    change = models.OneToOneField(Change, primary_key=True, on_delete=models.PROTECT, related_name="redaction")
    act = models.BigIntegerField(db_index=True)
    before = models.BinaryField()


class Unsealed(models.Model):
    """Queue of entries the sealer has yet to chain; filled by a trigger."""

    entry = models.BigIntegerField(primary_key=True)


class Seal(models.Model):
    """Place of an entry in the chain: its order, and the hash over it, its row versions and the seal before.

    No foreign key in the database: an entry can't be deleted, `verify` finds one that is missing, and the server keeps
    the plan it made of the check while the journal was short, to search the whole journal for every seal.
    """

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, db_constraint=False)
    closes_act = models.BooleanField(default=False)
    hash = models.BinaryField()


class Checkpoint(models.Model):
    """A signed statement of the chain's head (Ed25519), made daily."""

    seq = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField()
    signed_at = models.DateTimeField()
    signature = models.BinaryField()
    public_key = models.BinaryField()


class Reactor(models.Model):
    """How far the reactions have followed the sealed journal."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)


class Parked(models.Model):
    """A reaction that failed; tried again until it succeeds, and shown by `anlan doctor`."""

    id = models.BigAutoField(primary_key=True)
    reaction = models.CharField(max_length=128)
    seq = models.BigIntegerField()
    error = models.TextField()
    tries = models.IntegerField(default=1)
    parked_at = models.DateTimeField()
