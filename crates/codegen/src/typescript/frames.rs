//! The frames that the server itself sends, for the npm package.

use std::collections::BTreeMap;

use schemars::Schema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use validiant_core::wire::frame;

use super::layout::comment;

/// Where the module is.
pub const PATH: &str = "packages/realtime/src/server-frames.ts";

const HEADER: &str = "\
/**
 * The frames that the server itself sends on a connection.
 *
 * Written by `npm run codegen` from crates/core/src/wire/frame/payload.rs: change it there. Frames may
 * gain fields.
 */
";

/// The text of the module.
pub fn module() -> String {
    let payloads = payloads();
    let mut parts = vec![HEADER.to_owned()];
    parts.extend(shared(&payloads).iter().map(|(name, schema)| interface(name, schema)));
    parts.extend(payloads.iter().map(|(_, schema)| interface(&name_of(schema), schema)));
    parts.push(frame_map(&payloads));
    parts.join("\n")
}

fn payloads() -> Vec<(&'static str, Schema)> {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    frame::schemas(&mut generator).into()
}

/// The types that several payloads use.
fn shared(payloads: &[(&str, Schema)]) -> BTreeMap<String, Schema> {
    let definitions = payloads.iter().filter_map(|(_, schema)| schema.get("$defs")?.as_object());
    let entries = definitions.flat_map(|map| map.clone());
    entries.filter_map(|(name, value)| Some((name, Schema::try_from(value).ok()?))).collect()
}

fn name_of(schema: &Schema) -> String {
    format!("{}Payload", text_of(schema.get("title")))
}

fn interface(name: &str, schema: &Schema) -> String {
    let doc = comment(0, text_of(schema.get("description")));
    let none = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    if properties.is_empty() {
        return format!("{doc}export type {name} = Record<string, never>;\n");
    }
    let fields: String =
        properties.iter().map(|(key, value)| field(key, value, is_required(schema, key))).collect();
    format!("{doc}export interface {name} {{\n{fields}}}\n")
}

fn is_required(schema: &Schema, key: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|name| name == key))
}

fn field(key: &str, value: &Value, is_required: bool) -> String {
    let doc = comment(2, text_of(value.get("description")));
    let types: Vec<String> = types_of(value);
    // An optional field is never null: the server leaves it out.
    let types = types.into_iter().filter(|name| is_required || name != "null");
    let optional = if is_required { "" } else { "?" };
    format!("{doc}  readonly {key}{optional}: {};\n", types.collect::<Vec<_>>().join(" | "))
}

fn types_of(value: &Value) -> Vec<String> {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        return vec![reference.rsplit('/').next().unwrap_or_default().to_owned()];
    }
    match value.get("type") {
        Some(Value::Array(names)) => names.iter().map(|name| type_of(name, value)).collect(),
        name => vec![type_of(name.unwrap_or_default(), value)],
    }
}

fn type_of(name: &Value, value: &Value) -> String {
    match name.as_str() {
        Some("integer" | "number") => "number".to_owned(),
        Some("array") => {
            let items = value.get("items").map(types_of).unwrap_or_default();
            format!("readonly {}[]", items.join(" | "))
        }
        Some(name @ ("string" | "boolean" | "null" | "object")) => name.to_owned(),
        _ => "unknown".to_owned(),
    }
}

fn frame_map(payloads: &[(&str, Schema)]) -> String {
    let entries: String = payloads
        .iter()
        .map(|(kind, schema)| {
            let doc = comment(2, text_of(schema.get("description")));
            format!("{doc}  {kind}: {};\n", name_of(schema))
        })
        .collect();
    let doc = comment(0, "The payloads by the types of their frames.");
    format!("{doc}export interface ServerFrameMap {{\n{entries}}}\n")
}

/// The text, with its lines joined.
fn text_of(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}
