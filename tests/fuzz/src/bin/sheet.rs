//! A unit's sheet.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("sheet");
