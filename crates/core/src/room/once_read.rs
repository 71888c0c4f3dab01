//! What a room reads from its storage when it is first needed.

use crate::ports::StorageFailed;

/// What `memory` has; the first time, what `load` reads. Nothing is taken for known if that fails, so that what
/// can not be read lets nobody in.
pub(super) fn once_read<T: Default + Extend<E>, E>(
    memory: &mut Option<T>,
    load: impl FnOnce() -> Result<Vec<E>, StorageFailed>,
) -> Result<&mut T, StorageFailed> {
    match memory {
        Some(known) => Ok(known),
        None => {
            let loaded = load()?;
            let known = memory.insert(T::default());
            // Not `collect`: it would bring sorting into the WebAssembly.
            known.extend(loaded);
            Ok(known)
        }
    }
}
