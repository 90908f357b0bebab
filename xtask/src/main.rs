//! Tasks of the project that a shell script would do badly.

fn main() {}
