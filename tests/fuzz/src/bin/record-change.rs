//! A change of a unit's record.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("record-change");
