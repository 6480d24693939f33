//! Prints our simplified derivative beside the reference of each row of a table of cases, with token counts.

use agnesi_calculus::{Differentiator, Simplifier};
use agnesi_graph::{Graph, Style, TableNames};

fn tokens(text: &str) -> usize {
    agnesi_syntax::lex_spans(text)
        .iter()
        .filter(|(s, _)| !text[s.start as usize..s.end as usize].trim().is_empty())
        .count()
}

fn main() {
    let path = std::env::args().nth(1).expect("a table of cases");
    let mut ratios = Vec::new();
    for line in std::fs::read_to_string(path).expect("readable").lines().skip(1) {
        let f: Vec<&str> = line.split('\t').collect();
        let (id, expr, var, reference) = (f[0], f[1], f[2], f[3]);
        let mut g = Graph::new();
        let parsed = agnesi_syntax::parse(expr, &TableNames);
        let t = std::time::Instant::now();
        let node = g.build(&parsed.tree, parsed.statements[0], &[]).expect(expr);
        let x = g.symbol(var);
        let x = g.as_symbol(x).expect("a symbol");
        let d = Differentiator::default().derivative(&mut g, node, x).expect(expr);
        let mut s = Simplifier::default();
        let simple = s.simplify(&mut g, d);
        let t = t.elapsed();
        let (tree, root) = g.raise(simple, Style::default());
        let ours = agnesi_syntax::print::text(&tree, root);
        let reference = {
            let parsed = agnesi_syntax::parse(reference, &TableNames);
            let mut h = Graph::new();
            match parsed.statements.first() {
                Some(r) if !reference.is_empty() => match h.build(&parsed.tree, *r, &[]) {
                    Ok(n) => {
                        let (t, r) = h.raise(n, Style::default());
                        agnesi_syntax::print::text(&t, r)
                    }
                    Err(_) => reference.to_string(),
                },
                _ => String::new(),
            }
        };
        if reference.is_empty() {
            println!("{id} {t:?} {expr}\n    {ours}");
        } else {
            let r = tokens(&ours) as f64 / tokens(f[3]) as f64;
            ratios.push(r);
            println!("{id} {t:?} {r:.2} {expr}\n    {ours}\n    {reference}   [{}]", f[3]);
        }
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "median {:.3} of {}, longer: {}",
        ratios[ratios.len() / 2],
        ratios.len(),
        ratios.iter().filter(|r| **r > 1.0).count()
    );
}
