//! The statement that a round is finished.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("round-statement");
