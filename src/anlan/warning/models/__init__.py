"""Tables of the warning stage, by what they keep."""

from anlan.warning.models.channels import (
    ChannelHealth,
    ChannelSetting,
    ContactAddress,
    InboxItem,
    OutboxBlock,
    OutboxMessage,
    OutboxReference,
    OutboxText,
)
from anlan.warning.models.drafts import (
    WarningDraft,
)
from anlan.warning.models.feeds import (
    FeedPoll,
    FeedSource,
    FeedTaken,
)
from anlan.warning.models.help import (
    HelpRequest,
)
from anlan.warning.models.pins import (
    SenderPin,
)
from anlan.warning.models.received import (
    ReceivedAlert,
    ReceivedBody,
)
from anlan.warning.models.replies import (
    ChannelSlot,
    UnreadReply,
)
from anlan.warning.models.ringing import (
    Ringing,
)
from anlan.warning.models.tally import (
    CallTally,
)
from anlan.warning.models.waiting import (
    CallsWaiting,
)
from anlan.warning.models.warnings import (
    Call,
    ChannelUse,
    Loopback,
    LoopbackSetting,
    StopOrder,
    Warning,
    WarningProposal,
)

__all__ = [
    "Call",
    "CallTally",
    "CallsWaiting",
    "ChannelHealth",
    "ChannelSetting",
    "ChannelSlot",
    "ChannelUse",
    "ContactAddress",
    "FeedPoll",
    "FeedSource",
    "FeedTaken",
    "HelpRequest",
    "InboxItem",
    "Loopback",
    "LoopbackSetting",
    "OutboxBlock",
    "OutboxMessage",
    "OutboxReference",
    "OutboxText",
    "ReceivedAlert",
    "ReceivedBody",
    "Ringing",
    "SenderPin",
    "StopOrder",
    "UnreadReply",
    "Warning",
    "WarningDraft",
    "WarningProposal",
]
