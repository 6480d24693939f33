//! Tables of every kind of trouble, each with its message.

use std::io::{self, Read};

use expect_test::{Expect, expect};

use super::number::{parse, write_json, write_plain};
use super::{BLOCK, TableError, TableFormat, TableOptions, TableSummary};
use crate::Session;
use crate::protocol::{Given, Number, Request, Verb};

const PLAIN: TableOptions =
    TableOptions { gradient: false, keep: false, format: TableFormat::Csv, threads: None };
const GRADIENT: TableOptions = TableOptions { gradient: true, ..PLAIN };
const KEEP: TableOptions = TableOptions { keep: true, ..GRADIENT };
const JSON: TableOptions = TableOptions { format: TableFormat::JsonLines, ..KEEP };

fn run(
    request: &Request,
    options: &TableOptions,
    input: &[u8],
) -> (String, Result<TableSummary, TableError>) {
    let mut output = Vec::new();
    let result = Session::new().table(request, options, input, &mut output, &mut |_| {});
    (String::from_utf8(output).expect("the output is text"), result)
}

/// The output, then the error or what is to be said.
fn shown(request: &Request, options: &TableOptions, input: &[u8]) -> String {
    let (mut output, result) = run(request, options, input);
    match result {
        Ok(summary) => {
            if let Some((line, column)) = summary.first_not_number {
                output += &format!("({} with NaN, first: {line}, {column})\n", summary.not_numbers);
            }
            if let Some(line) = summary.first_by_limit {
                output += &format!("({} by limit, first: {line})\n", summary.by_limit);
            }
            if let Some((line, column)) = summary.first_undefined {
                output += &format!("({} undefined, first: {line}, {column})\n", summary.undefined);
            }
            if !summary.passed_over.is_empty() {
                output += &format!("(passed over: {})\n", summary.passed_over.join(", "));
            }
        }
        Err(error) => output += &format!("{error}\n"),
    }
    output
}

fn check(formula: &str, options: &TableOptions, input: impl AsRef<[u8]>, expected: Expect) {
    expected.assert_eq(&shown(&Request::new(Verb::Eval, formula), options, input.as_ref()));
}

fn with(formula: &str, lets: &str, at: &[(&str, &str)]) -> Request {
    let at = at.iter().map(|(name, value)| (name.to_string(), Given::from(*value))).collect();
    Request { lets: (!lets.is_empty()).then(|| lets.to_string()), at, ..Request::new(Verb::Eval, formula) }
}

#[test]
fn quotes_marks_and_ends_of_lines() {
    let table =
        "\u{feff}x,name,\"y\"\r\n1,\"a, \"\"b\"\"\",2\r\n\r\n 3 ,c, +0.5\r\n  \r\n\"-1\",\"d\ne\",1e-5";
    check(
        "x^2*y",
        &KEEP,
        table,
        expect![[r#"
            x,name,y,value,d/dx,d/dy
            1,"a, ""b""",2,2,4,1
             3 ,c, +0.5,4.5,3,9
            -1,"d
            e",1e-5,1e-5,-2e-5,1
        "#]],
    );
    check(
        "x^2*y",
        &JSON,
        table,
        expect![[r#"
            {"x":1.0,"name":"a, \"b\"","y":2.0,"value":2.0,"d/dx":4.0,"d/dy":1.0}
            {"x":3.0,"name":"c","y":0.5,"value":4.5,"d/dx":3.0,"d/dy":9.0}
            {"x":-1.0,"name":"d\ne","y":0.00001,"value":0.00001,"d/dx":-0.00002,"d/dy":1.0}
        "#]],
    );
    check("x", &PLAIN, "x\n", expect!["value\n"]);
    check("2^10", &GRADIENT, "x\n1\n2\n", expect!["value\n1024\n1024\n"]);
}

#[test]
fn numbers_that_are_none() {
    let table = "x\n1\nNaN\ninf\n-inf\n0\n-2\n";
    let out = "value,d/dx\n0,1\nNaN,NaN\ninf,0\nNaN,NaN\nNaN,NaN\nNaN,NaN\n(1 with NaN, first: 3, x)\n(3 undefined, first: 5, value)\n";
    assert_eq!(shown(&with("log(x)", "", &[]), &GRADIENT, table.as_bytes()), out);
    check(
        "x",
        &TableOptions { keep: false, ..JSON },
        "x\nNaN\ninf\n-inf\n",
        expect![[r#"
            {"value":"nan","d/dx":"nan"}
            {"value":"inf","d/dx":1.0}
            {"value":"-inf","d/dx":1.0}
            (1 with NaN, first: 2, x)
        "#]],
    );
}

#[test]
fn a_row_without_a_result_leaves_the_others() {
    check(
        "[1, 0]'*inv([x, 1; 0, 1])*[1; 0]",
        &GRADIENT,
        "x\n2\n0\n4\n",
        expect![[r#"
            value,d/dx
            0.5,-0.25
            NaN,NaN
            0.25,-0.0625
            (1 undefined, first: 3, value)
        "#]],
    );
}

#[test]
fn long_names_need_no_declaration() {
    let table = b"price,qty,max\n2,3,4\n";
    let out = "value,d/dprice,d/dqty\n6,3,2\n";
    assert_eq!(shown(&with("price*qty", "", &[]), &GRADIENT, table), out);
    assert_eq!(shown(&with("revenue", "revenue = price*qty", &[]), &GRADIENT, table), out);
    assert_eq!(shown(&with("price*qty", "price > 0", &[]), &GRADIENT, table), out);
    // A function stays one.
    let max = shown(&with("max(price, qty)", "", &[]), &PLAIN, table);
    assert_eq!(max, "value\n3\n(passed over: max)\n");
    assert_eq!(
        shown(&with("rate*qty", "", &[("rate", "1/4")]), &GRADIENT, table),
        "value,d/dqty\n0.75,0.25\n"
    );
    let vector = Request {
        at: [("v".to_string(), Given::Array(vec![Given::from(3.0), Given::from("sqrt(16)")]))].into(),
        ..with("norm2(v)*qty", "v: vector(2)", &[])
    };
    assert_eq!(shown(&vector, &GRADIENT, table), "value,d/dqty\n15,5\n");
}

#[test]
fn columns_that_are_not_meant() {
    check("e^x", &PLAIN, "x,e\n0,2\n", expect!["value\n1\n(passed over: e)\n"]);
}

#[test]
fn headers_that_do_not_fit() {
    check(
        "x",
        &PLAIN,
        "",
        expect![[r#"
        the table is empty (the first row names the columns, as in `x,y`)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        "\n \n",
        expect![[r#"
        the table is empty (the first row names the columns, as in `x,y`)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        b"y,\xff\xfe\n1,2\n",
        expect![[r#"
        the name of column 2 is not UTF-8 (save the table as UTF-8)
    "#]],
    );
    check(
        "x*z",
        &PLAIN,
        "x,y\n1,2\n",
        expect![[r#"
        `z` is no column of the table and has no value; the columns are `x`, `y` (give it a value, as in --at z=2)
    "#]],
    );
    check(
        "2*prize",
        &PLAIN,
        "price,qty\n1,2\n",
        expect![[r#"
        `prize` is no column of the table and has no value; the columns are `price`, `qty` (did you mean `price`? A value is given with --at prize=2)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        "1,2\n3,4\n",
        expect![[r#"
        `x` is no column of the table and has no value; the columns are `1`, `2` (the first row must name the columns, as in `x,y`)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        "x;y\n3;4\n",
        expect![[r#"
        `x` is no column of the table and has no value; the columns are `x;y` (the fields of a table are separated by commas here)
    "#]],
    );
    let many: Vec<String> = (0..30).map(|i| format!("c{i}")).collect();
    check(
        "x",
        &PLAIN,
        many.join(","),
        expect![[r#"
        `x` is no column of the table and has no value; the columns are `c0`, `c1`, `c2`, `c3`, `c4`, `c5`, `c6`, `c7`, `c8`, `c9`, `c10`, `c11`, `c12`, `c13`, `c14`, `c15`, `c16`, `c17`, `c18`, `c19` and 10 more (give it a value, as in --at x=2)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        "x,x\n1,2\n",
        expect![[r#"
        there would be two columns with the name `x` (give each column a name of its own; `value` and `d/dx` are names of results)
    "#]],
    );
    check("x", &PLAIN, "x,y,y\n1,2,3\n", expect!["value\n1\n"]);
    check(
        "x",
        &KEEP,
        "x,value\n1,2\n",
        expect![[r#"
        there would be two columns with the name `value` (give each column a name of its own; `value` and `d/dx` are names of results)
    "#]],
    );
}

#[test]
fn rows_that_do_not_fit() {
    check(
        "x",
        &PLAIN,
        "x,y\n1,2\n3\n",
        expect![[r#"
        value
        1
        row 3 has 1 field, the header has 2 (fields are separated by commas; one that holds a comma stands in double quotes)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        "x\r\n1\r\n\r\n\r\n1,2\r\n",
        expect![[r#"
        value
        1
        row 5 has 2 fields, the header has 1 (fields are separated by commas; one that holds a comma stands in double quotes)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        "x,y\n1,2\n\"\",2\n",
        expect![[r#"
        value
        1
        row 3, column `x`: the field is empty (write NaN where a number is missing)
    "#]],
    );
    check(
        "x*y",
        &PLAIN,
        "x,y\n\"1\",2\n1,two\n",
        expect![[r#"
        value
        2
        row 3, column `y`: `two` is no number (numbers are written as in 2, -0.5, 1e-3, NaN, inf)
    "#]],
    );
    check(
        "y",
        &PLAIN,
        "x,y\n\"a\nb\",1\n\"c\nd\",\"2\n3\"\n",
        expect![[r#"
        value
        1
        row 4, column `y`: `2\n3` is no number (numbers are written as in 2, -0.5, 1e-3, NaN, inf)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        b"x\n\xe9\n",
        expect![[r#"
        value
        row 2, column `x`: `�` is no number (numbers are written as in 2, -0.5, 1e-3, NaN, inf)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        "x\n1e400\n",
        expect![[r#"
        value
        row 2, column `x`: `1e400` is larger than the largest double (write inf where infinity is meant)
    "#]],
    );
    check(
        "x",
        &PLAIN,
        format!("x\n{}\n", "a".repeat(100)),
        expect![[r#"
        value
        row 2, column `x`: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...` is no number (numbers are written as in 2, -0.5, 1e-3, NaN, inf)
    "#]],
    );
}

#[test]
fn formulas_and_values_that_do_not_fit() {
    let message = |request: &Request| shown(request, &PLAIN, b"x,y\n1,2\n");
    expect![[r#"
        `x` is a column of the table and has a value too (leave the value out, or give the column another name)
    "#]]
    .assert_eq(&message(&with("x", "", &[("x", "1")])));
    expect![[r#"
        the formula has no variable `q` (its variables are x)
    "#]]
    .assert_eq(&message(&with("x", "", &[("q", "1")])));
    expect![[r#"
        the value `1/0` of `k`: division by zero
    "#]]
    .assert_eq(&message(&with("k*x", "", &[("k", "1/0")])));
    expect![[r#"
        a value is missing after `+` (write what belongs after `+`, or remove it)
    "#]]
    .assert_eq(&message(&with("x + ", "", &[])));
    expect![[r#"
        the value is a vector or matrix, and a column holds numbers (ask for one entry, as in `v[1]`, or for a number, as in `norm2(v)`)
    "#]]
    .assert_eq(&message(&with("[x, y]", "", &[])));
    expect![[r#"
        `x` is a vector or matrix, and a column holds numbers (give its value with --at, or call the column otherwise than `x`)
    "#]]
    .assert_eq(&message(&with("x'*x", "x: vector(3)", &[])));
}

#[test]
fn more_rows_than_a_block() {
    let rows = 2 * BLOCK + 17;
    let mut table = String::from("x,y\n");
    let mut expected = String::from("value,d/dx,d/dy\n");
    for i in 0..rows {
        table += &format!("{i},{}\n", 0.5 * i as f64);
        expected += &format!("{},{},{i}\n", 0.5 * (i * i) as f64, 0.5 * i as f64);
    }
    let mut told = Vec::new();
    let mut output = Vec::new();
    let request = Request::new(Verb::Eval, "x*y");
    let summary = Session::new()
        .table(&request, &GRADIENT, Slow(table.as_bytes()), &mut output, &mut |rows| told.push(rows))
        .expect("a good table");
    assert_eq!(summary, TableSummary { rows: rows as u64, ..TableSummary::default() });
    assert!(output == expected.as_bytes());
    assert_eq!(told, [BLOCK as u64, 2 * BLOCK as u64, rows as u64]);
}

/// Gives a few bytes at a time.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(7).min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn a_mark_in_pieces_and_wide_rows() {
    struct One<'a>(&'a [u8]);
    impl Read for One<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }
    let names: Vec<String> = (0..300).map(|i| format!("column_number_{i}_with_a_long_name")).collect();
    let numbers: Vec<String> = (0..300).map(|i| i.to_string()).collect();
    let table = format!("\u{feff}{}\r\n{}\r\n", names.join(","), numbers.join(","));
    let mut output = Vec::new();
    let request = Request::new(Verb::Eval, format!("{}+{}", names[0], names[299]));
    let summary = Session::new().table(&request, &PLAIN, One(table.as_bytes()), &mut output, &mut |_| {});
    assert_eq!(summary.expect("a good table").rows, 1);
    assert_eq!(output, b"value\n299\n");
}

#[test]
fn a_quote_that_is_not_closed_is_bounded() {
    struct Endless(bool);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let start: &[u8] = b"x\n1\n\"";
            if std::mem::take(&mut self.0) {
                buffer[..start.len()].copy_from_slice(start);
                return Ok(start.len());
            }
            buffer.fill(b'a');
            Ok(buffer.len())
        }
    }
    let mut output = Vec::new();
    let request = Request::new(Verb::Eval, "x");
    let result = Session::new().table(&request, &PLAIN, Endless(true), &mut output, &mut |_| {});
    let error = result.expect_err("a row without an end");
    expect!["the row that begins in line 3 is too long (look there for a double quote that is not closed)"]
        .assert_eq(&error.to_string());
    assert_eq!(output, b"value\n1\n");
}

#[test]
fn files_that_fail() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is full"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let request = Request::new(Verb::Eval, "x");
    let read = Session::new().table(&request, &PLAIN, Broken, Vec::new(), &mut |_| {});
    expect!["cannot read the table: the disk is gone"].assert_eq(&read.expect_err("no input").to_string());
    let written = Session::new().table(&request, &PLAIN, &b"x\n1\n"[..], Broken, &mut |_| {});
    expect!["cannot write the results: the disk is full"]
        .assert_eq(&written.expect_err("no output").to_string());
}

#[test]
fn numbers_are_short_and_read_back() {
    let mut samples =
        vec![0.0, -0.0, 1.0, 0.1, 1e-4, 9.999e-5, 1e-5, 9.9e-6, 1e15, 1e16, 123456789012345680.0];
    samples.extend([f64::MAX, f64::MIN_POSITIVE, 5e-324, f64::INFINITY, f64::NEG_INFINITY, 1.0 / 3.0]);
    samples.extend((-330..=308).map(|e| 1.7976 * 10f64.powi(e)));
    for x in samples {
        for x in [x, -x] {
            let mut plain = Vec::new();
            write_plain(&mut plain, x);
            assert_eq!(String::from_utf8_lossy(&plain), Number(x).to_string());
            assert_eq!(parse(&plain).expect("a number").to_bits(), x.to_bits());
            let mut json = Vec::new();
            write_json(&mut json, x);
            let wanted = serde_json::to_string(&Number(x)).expect("a number can be written");
            assert_eq!(String::from_utf8_lossy(&json), wanted);
        }
    }
}

#[test]
fn rows_that_doubles_do_not_decide_are_as_eval_and_diff_have_them() {
    let zeros = "x,y\n0,2\n1,2\n0,2\n0,NaN\n";
    check(
        "sin(x)/x + y",
        &GRADIENT,
        zeros,
        expect![[r#"
        value,d/dx,d/dy
        3,0,1
        2.8414709848078967,-0.30116867893975674,1
        3,0,1
        NaN,NaN,NaN
        (1 with NaN, first: 5, y)
        (2 by limit, first: 2)
    "#]],
    );
    check(
        "exp(x)/exp(y)",
        &GRADIENT,
        "x,y\n1000,1000\n-1000,-999\n",
        expect![[r#"
        value,d/dx,d/dy
        1,1,-1
        0.36787944117144233,0.36787944117144233,-0.36787944117144233
    "#]],
    );
    // 0^0 is 1, and its slope in the base 0.
    check(
        "x^n",
        &GRADIENT,
        "x,n\n0,0\n0,1\n0,-1\n-2,3\n",
        expect![[r#"
        value,d/dx,d/dn
        1,0,NaN
        0,1,0
        NaN,NaN,NaN
        -8,12,NaN
        (3 undefined, first: 2, d/dn)
    "#]],
    );
    check(
        "sum(k in 0..2, (k + 1)*x^k)",
        &GRADIENT,
        "x\n0\n",
        expect![[r#"
        value,d/dx
        1,2
    "#]],
    );
    // Of two variables at once `eval` finds no limit, and infinity is no place.
    check(
        "sin(x*y)/(x*y)",
        &GRADIENT,
        "x,y\n0,2\ninf,1\n",
        expect![[r#"
        value,d/dx,d/dy
        NaN,NaN,NaN
        NaN,NaN,NaN
        (2 undefined, first: 2, value)
    "#]],
    );
    let given = with("sin(a*x)/x + a", "", &[("a", "1/4")]);
    expect![[r#"
        value,d/dx
        0.5,0
        (1 by limit, first: 2)
    "#]]
    .assert_eq(&shown(&given, &GRADIENT, b"x\n0\n"));
    // Vectors and matrices are left to doubles.
    let vectors = with("v'*v*sin(x)/x", "v: vector(2)", &[("v", "[1, 2]")]);
    expect![[r#"
        value,d/dx
        NaN,NaN
        (1 undefined, first: 2, value)
    "#]]
    .assert_eq(&shown(&vectors, &GRADIENT, b"x\n0\n"));
}

#[test]
fn rows_outside_the_domain_are_not_evaluated_exactly() {
    // They would take twenty seconds.
    let rows: String = (1..=20_000).map(|i| format!("-{i}.5\n")).collect();
    let begun = std::time::Instant::now();
    let (_, summary) = run(&with("a*log(x)", "", &[("a", "2")]), &GRADIENT, format!("x\n{rows}").as_bytes());
    assert_eq!(summary.expect("a table").undefined, 20_000);
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
}
