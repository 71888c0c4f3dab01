//! The port to what outlives the object: two tables of its SQLite, and its alarm.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use validiant_core::Millis;
use validiant_documents::ports::{Key, NewRow, Row, Seq, Storage, StorageFailed, Write};
use wasm_bindgen::prelude::*;

use crate::host::{HostLog, HostStorage, message_of};

/// How many values a row has.
const VALUES: usize = 4;

/// The object's storage.
pub struct RuntimeStorage {
    host: HostStorage,
    log: HostLog,
}

impl RuntimeStorage {
    pub fn new(host: HostStorage, log: HostLog) -> Self {
        Self { host, log }
    }

    fn logged<T>(&self, action: &str, result: Result<T, JsValue>) -> Result<T, StorageFailed> {
        result.map_err(|thrown| {
            self.log.failed(action, &message_of(&thrown));
            StorageFailed
        })
    }
}

impl Storage for RuntimeStorage {
    fn number(&mut self, key: Key) -> Result<u64, StorageFailed> {
        self.logged("load_number", self.host.number(key.name())).map(|number| number as u64)
    }

    fn rows(&mut self, from: Seq) -> Result<Vec<Row>, StorageFailed> {
        let values = self.logged("load_updates", self.host.rows(from as f64))?.into_iter();
        let mut rows = Vec::with_capacity(values.len() / VALUES);
        let mut values = values.peekable();
        while values.peek().is_some() {
            let row = row(&mut values).ok_or_else(|| js_sys::Error::new("can't be read").into());
            rows.push(self.logged("load_updates", row)?);
        }
        Ok(rows)
    }

    fn changed_at(&mut self) -> Result<Option<Millis>, StorageFailed> {
        let changed_at = self.logged("load_change", self.host.changed_at())?;
        Ok(changed_at.map(|at| at as Millis))
    }

    fn write(&mut self, write: &Write<'_>) -> Result<(), StorageFailed> {
        let (rows, numbers) = (Array::new(), Array::new());
        write.rows.iter().for_each(|row| push_row(&rows, row));
        for (key, number) in &write.numbers {
            numbers.push(&key.name().into());
            numbers.push(&JsValue::from_f64(*number as f64));
        }
        let drop_before = write.drop_before.map(|seq| seq as f64);
        self.logged("write", self.host.write(&rows, &numbers, drop_before))
    }

    fn erase(&mut self) -> Result<(), StorageFailed> {
        self.logged("erase", self.host.erase())
    }

    fn set_alarm(&mut self, at: Millis) {
        self.host.set_alarm(at as f64);
    }
}

fn row(values: &mut impl Iterator<Item = JsValue>) -> Option<Row> {
    Some(Row {
        seq: values.next()?.as_f64()? as Seq,
        ends: values.next()?.as_f64()? > 0.0,
        changed_at: values.next()?.as_f64()? as Millis,
        data: Uint8Array::new(values.next()?.dyn_ref::<ArrayBuffer>()?).to_vec(),
    })
}

fn push_row(rows: &Array, NewRow { seq, ends, changed_at, data }: &NewRow<'_>) {
    rows.push(&JsValue::from_f64(*seq as f64));
    rows.push(&JsValue::from_f64(f64::from(u8::from(*ends))));
    rows.push(&JsValue::from_f64(*changed_at as f64));
    rows.push(&Uint8Array::from(*data));
}
