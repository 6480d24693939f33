//! Prints the program of a formula and its gradient: `program "x^2 + y" x y`.

fn main() -> Result<(), agnesi::FunctionError> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((formula, arguments)) = words.split_first() else { return Ok(()) };
    let f = agnesi::Session::new().compile(formula, arguments)?;
    println!("{}", f.program(true)?);
    Ok(())
}
