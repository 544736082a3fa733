"""Prints CPython's tree of a file as JSON, in the form of the test's own dump."""
import ast, json, sys

OPS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Div: "/", ast.Mod: "%", ast.Pow: "**",
       ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.USub: "-",
       ast.UAdd: "+", ast.Invert: "~", ast.Not: "not", ast.And: "and", ast.Or: "or", ast.Eq: "==", ast.NotEq: "!=",
       ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in"}

def op(o):
    return OPS[type(o)]

def fields(n):
    d = dump
    match n:
        case ast.ImportFrom(): return [n.module, [[a.name, a.asname or a.name] for a in n.names]]
        case ast.Import(): return [n.names[0].name]
        case ast.FunctionDef():
            return [n.name, [[a.arg, d(a.annotation)] for a in n.args.args], d(n.returns), d(n.body),
                    [d(x) for x in n.decorator_list]]
        case ast.If(): return [d(n.test), d(n.body), d(n.orelse)]
        case ast.For(): return [d(n.target), d(n.iter), d(n.body)]
        case ast.Return(): return [d(n.value)]
        case ast.Assert(): return [d(n.test), d(n.msg)]
        case ast.Delete(): return [d(n.targets[0])]
        case ast.Expr(): return [d(n.value)]
        case ast.Assign(): return [d(n.targets), d(n.value)]
        case ast.AnnAssign(): return [d(n.target), d(n.annotation), d(n.value)]
        case ast.AugAssign(): return [d(n.target), op(n.op), d(n.value)]
        case ast.Pass(): return []
        case ast.Name(): return [n.id]
        case ast.Constant():
            v = n.value
            return ["..." if v is ... else str(v) if type(v) is int else v]
        case ast.Tuple(): return [d(n.elts)]
        case ast.Attribute(): return [d(n.value), n.attr]
        case ast.Subscript(): return [d(n.value), d(n.slice)]
        case ast.Call(): return [d(n.func), d(n.args), [[k.arg, d(k.value)] for k in n.keywords]]
        case ast.GeneratorExp():
            g = n.generators[0]
            return [d(n.elt), d(g.target), d(g.iter)]
        case ast.UnaryOp(): return [op(n.op), d(n.operand)]
        case ast.BinOp(): return [op(n.op), d(n.left), d(n.right)]
        case ast.BoolOp(): return [op(n.op), d(n.values)]
        case ast.Compare(): return [d(n.left), [op(o) for o in n.ops], d(n.comparators)]
        case ast.IfExp(): return [d(n.test), d(n.body), d(n.orelse)]
    raise ValueError(ast.dump(n))

def dump(n):
    if n is None:
        return None
    if isinstance(n, list):
        return [dump(x) for x in n]
    where = [n.lineno, n.col_offset + 1, n.end_lineno, n.end_col_offset + 1]
    return [type(n).__name__, where] + fields(n)

print(json.dumps([dump(ast.parse(open(f, encoding="utf-8").read()).body) for f in sys.argv[1:]]))
