//! JSON Schema (draft 2020-12) of what is written by hand and of what is read by programs, from the types themselves.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::Report;
use crate::spec::Exercise;

/// The schema of `exercise.yaml`, for editors. Some rules are no matter of types; `docktutor` tells those.
pub fn exercise() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    titled(
        "exercise.yaml",
        generator.into_root_schema_for::<Exercise>(),
    )
}

/// The schema of a report.
pub fn report() -> Value {
    // As it is written: a field that is always there is required.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let generator = settings.into_generator();
    titled(
        "Docktutor report, version 1",
        generator.into_root_schema_for::<Report>(),
    )
}

fn titled(title: &str, mut schema: schemars::Schema) -> Value {
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    /// A validator that is none of ours.
    struct Schema {
        schemas: boon::Schemas,
        index: boon::SchemaIndex,
    }

    impl Schema {
        fn new(schema: Value) -> Schema {
            let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
            compiler.add_resource("schema.json", schema).unwrap();
            let index = compiler.compile("schema.json", &mut schemas).unwrap();
            Schema { schemas, index }
        }

        fn check(&self, value: &Value) -> Result<(), String> {
            let result = self.schemas.validate(value, self.index);
            result.map_err(|error| format!("{error:#}"))
        }
    }

    fn from_yaml(yaml: &str) -> Value {
        serde_yaml::from_str(yaml).unwrap()
    }

    /// Fails where a report is not as its schema says.
    pub(crate) fn holds_for_report(written: &Report) {
        let value = serde_json::to_value(written).unwrap();
        Schema::new(report()).check(&value).unwrap();
    }

    fn exercises(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                exercises(&path, found);
            } else if path.file_name().is_some_and(|name| name == "exercise.yaml") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_exercise_of_the_course_is_as_the_schema_says() {
        let mut paths = Vec::new();
        let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("../exercises");
        exercises(&course, &mut paths);
        assert!(!paths.is_empty());
        let schema = Schema::new(exercise());
        for path in paths {
            let value = from_yaml(&std::fs::read_to_string(&path).unwrap());
            if let Err(error) = schema.check(&value) {
                panic!("{}: {error}", path.display());
            }
        }
    }

    #[test]
    fn what_the_reader_refuses_the_schema_refuses() {
        let good = crate::spec::tests::GOOD;
        let schema = Schema::new(exercise());
        schema.check(&from_yaml(good)).unwrap();
        for (from, to) in [
            ("minutes: 10", "minuts: 10"),
            ("minutes: 10", "minutes: 10\nextra: 1"),
            ("minutes: 10", "minutes: ten"),
            ("minutes: 10", "minutes: 0"),
            ("difficulty: 1", "difficulty: 5"),
            ("kind: files", "kind: flies"),
            ("id: images/first-dockerfile", "id: First"),
            ("    points: 3", "    points: 0"),
            ("    points: 3\n", ""),
            ("    points: 3", "    points: -3"),
            ("- id: build", "- id: Build_It"),
            ("title: {ko: 빌드, en: Build}", "title: Build"),
            ("title: {ko: 빌드, en: Build}", "title: {en: Build}"),
            (
                "title: {ko: 빌드, en: Build}",
                "title: {ko: 빌드, en: Build, fr: x}",
            ),
            ("{build: {tag: \"board:1\"}}", "{biuld: {}}"),
            ("{build: {tag: \"board:1\"}}", "{build: {tgas: x}}"),
            (
                "{build: {tag: \"board:1\"}}",
                "{build: {}, image: {user: a}}",
            ),
            ("{build: {tag: \"board:1\"}}", "{}"),
            ("{build: {tag: \"board:1\"}}", "build"),
            ("clean: error", "clean: fatal"),
            ("CMD: exec", "CMD: array"),
            ("port: 8000", "port: eighty"),
            ("when: {dockerfile: {finding", "when: {dockerfile: {findign"),
        ] {
            assert!(good.contains(from), "{from}");
            let yaml = good.replacen(from, to, 1);
            assert!(Exercise::parse(&yaml).is_err(), "the reader takes {to}");
            assert!(
                schema.check(&from_yaml(&yaml)).is_err(),
                "the schema takes {to}"
            );
        }
    }

    #[test]
    fn a_report_with_a_field_too_few_is_refused() {
        let schema = Schema::new(report());
        assert!(schema.check(&serde_json::json!({ "version": 1 })).is_err());
    }

    #[test]
    fn every_property_is_described() {
        fn undescribed(value: &Value, path: &str, found: &mut Vec<String>) {
            if let Some(properties) = value.get("properties").and_then(Value::as_object) {
                for (name, property) in properties {
                    // The only key of an assertion is described beside it.
                    if property.get("description").is_none() && value.get("description").is_none() {
                        found.push(format!("{path}/{name}"));
                    }
                }
            }
            if let Some(object) = value.as_object() {
                for (name, inner) in object {
                    undescribed(inner, &format!("{path}/{name}"), found);
                }
            }
            for inner in value.as_array().into_iter().flatten() {
                undescribed(inner, path, found);
            }
        }
        for schema in [exercise(), report()] {
            let mut found = Vec::new();
            undescribed(&schema, "", &mut found);
            assert_eq!(found, Vec::<String>::new());
        }
    }
}
