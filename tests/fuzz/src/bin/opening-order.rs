//! An opening order.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("opening-order");
