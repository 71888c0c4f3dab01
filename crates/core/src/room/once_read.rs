//! Values that a room reads from its storage on first use.

use crate::ports::StorageFailed;

/// The value in `memory`, which the first call fills with what `load` reads. If that fails, the value stays unknown, so
/// that an unreadable table lets nobody in.
pub(super) fn once_read<T: Default + Extend<E>, E>(
    memory: &mut Option<T>,
    load: impl FnOnce() -> Result<Vec<E>, StorageFailed>,
) -> Result<&mut T, StorageFailed> {
    match memory {
        Some(known) => Ok(known),
        None => {
            let loaded = load()?;
            let known = memory.insert(T::default());
            known.extend(loaded);
            Ok(known)
        }
    }
}
