//! A half-way double entry of a paper count, as a tablet takes it back from its store.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("double-entry");
