//! The port to the journal (P7): pages of events in the object's key-value storage.

use validiant_core::names::Epoch;
use validiant_core::page::Page;
use validiant_core::ports::{Journal, StorageFailed};
use validiant_core::position::Seq;
use worker::wasm_bindgen::prelude::*;

use super::pages;
use super::storage::{ERASE_OLD, RuntimeStorage, Table};
use crate::random;

impl Journal for RuntimeStorage {
    fn epoch(&mut self) -> Result<Option<Epoch>, StorageFailed> {
        // An earlier version has run here, or a later one was rolled back to it: what this one knows is not all.
        if self.has(Table::Journal)? {
            self.erase_all()?;
        }
        match self.logged("read_journal", pages::epoch(self.state()))? {
            Some(text) => self.understood("read_journal", Epoch::parse(&text).ok()).map(Some),
            None => Ok(None),
        }
    }

    fn create(&mut self) -> Result<Epoch, StorageFailed> {
        let text = fresh_epoch()?;
        let changes = pages::changes();
        pages::set_epoch(&changes, &text);
        pages::write_unconfirmed(self.state(), &changes);
        self.understood("create_journal", Epoch::parse(&text).ok())
    }

    fn first_page_from(&self, key: Seq) -> Result<Option<Page>, StorageFailed> {
        self.page(pages::first_page_from(self.state(), pages::number(key)))
    }

    fn last_page_until(&self, key: Seq) -> Result<Option<Page>, StorageFailed> {
        self.page(pages::last_page_until(self.state(), pages::number(key)))
    }

    fn erase_all(&mut self) -> Result<(), StorageFailed> {
        if self.has(Table::Journal)? {
            self.run("erase_journal", ERASE_OLD, &[])?;
            self.forget_tables();
        }
        self.logged("erase_journal", pages::erase_journal(self.state()))
    }
}

impl RuntimeStorage {
    fn page(&self, read: Result<Option<Vec<u8>>, JsValue>) -> Result<Option<Page>, StorageFailed> {
        let Some(bytes) = self.logged("read_journal", read)? else { return Ok(None) };
        let page = String::from_utf8(bytes).ok().and_then(Page::parse);
        self.understood("read_journal", page).map(Some)
    }
}

/// The last 48 bits of a version 4 UUID, which are all random.
fn fresh_epoch() -> Result<String, StorageFailed> {
    let uuid = random::uuid().ok_or(StorageFailed)?;
    Ok(uuid.rsplit('-').next().unwrap_or_default().to_owned())
}
