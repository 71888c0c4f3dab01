//! Why a frame closes its socket.

use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::reason::Reason;

use crate::Unreadable;
use crate::ports::StorageFailed;

/// The frame's socket is to be closed.
pub(super) struct Refused(pub Closing);

impl From<Closing> for Refused {
    fn from(closing: Closing) -> Self {
        Self(closing)
    }
}

impl From<CloseCode> for Refused {
    fn from(code: CloseCode) -> Self {
        Self(code.into())
    }
}

impl From<Unreadable> for Refused {
    fn from(_: Unreadable) -> Self {
        Self(CloseCode::BAD_REQUEST.because(Reason::Message))
    }
}

impl From<StorageFailed> for Refused {
    fn from(_: StorageFailed) -> Self {
        Self(CloseCode::TRY_AGAIN.into())
    }
}
