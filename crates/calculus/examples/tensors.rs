//! temporary
use agnesi_calculus::{TensorSimplifier, tensor_derivative};
use agnesi_graph::{Graph, Scope, Style};
fn main() {
    let text = std::fs::read_to_string("tests/cases/matrix_derivatives.tsv").unwrap();
    let only = std::env::args().nth(1);
    let t0 = std::time::Instant::now();
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split('\t').collect();
        let (id, kind, expr, var, reference, types) = (f[0], f[1], f[2], f[3], f[4], f[5]);
        if only.as_ref().is_some_and(|o| o != id) { continue; }
        let mut decl = String::new();
        for d in types.split(';') {
            let d = d.trim();
            let (name, rest) = d.split_once(':').unwrap();
            let mut words = rest.split_whitespace();
            let shape = words.next().unwrap();
            let props: Vec<&str> = words.collect();
            let n = shape.split('(').nth(1).unwrap_or("").trim_end_matches(')').split(',').next().unwrap();
            let ty = if shape == "sca" { "real".to_string() }
                else if props.contains(&"spd") { format!("spd({n})") }
                else if props.contains(&"sym") { format!("symmetric({n})") }
                else if props.contains(&"invertible") { format!("invertible({n})") }
                else { format!("{}{}", if props.contains(&"pos") {"positive "} else {""}, shape.replace("mat", "matrix").replace("vec", "vector")) };
            decl += &format!("{name}: {ty}; ");
        }
        let mut scope = Scope::new();
        if let Err(e) = scope.read(&decl) { println!("{id} SCOPE {decl} {e:?}"); continue; }
        let mut g = Graph::new();
        let read = |g: &mut Graph, text: &str| {
            let parsed = agnesi_syntax::parse_expression(text, &scope);
            assert!(!parsed.has_errors(), "{text} {:?}", parsed.diagnostics);
            g.read_shaped(&parsed.tree, parsed.root, &scope)
        };
        let s = match read(&mut g, expr) { Ok(s) => s, Err(e) => { println!("{id} {expr} READ {e:?}"); continue; } };
        let r = match read(&mut g, reference) { Ok(s) => s, Err(e) => { println!("{id} {reference} REFREAD {e:?}"); continue; } };
        let mut simp = TensorSimplifier::default();
        let x = g.declare_from(&scope, var).unwrap();
        let x = g.as_symbol(x).unwrap();
        let mut d = match tensor_derivative(&mut g, &mut simp, s.node, x) { Ok(d) => d, Err(e) => { println!("{id} {expr} DIFF {e}"); continue; } };
        if kind == "hess" { d = match tensor_derivative(&mut g, &mut simp, d, x) { Ok(d) => d, Err(e) => { println!("{id} {expr} DIFF2 {e}"); continue; } }; }
        let rs = simp.simplify(&mut g, r.node);
        let rr = g.raise_named(&[d], Style::default(), 6); let (t, root) = (rr.tree, rr.whole);
        let mark = if d == r.node { "SAME" } else if rs == d { "SAME2" } else { "    " };
        println!("{id} {mark} {expr}\n      {}\n      {reference}", agnesi_syntax::print::text(&t, root));
    }
    eprintln!("{:?}", t0.elapsed());
}
