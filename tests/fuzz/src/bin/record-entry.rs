//! An entry of a record.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("record-entry");
