x = (1, # want VIG1501 "'\(' is never closed"
def f(pkt):
    if x: y = 1
    if x = 1: # want VIG1501 "'=' assigns, '==' compares"
        while x: pass # want VIG1502 "'while' is not in the spec language: loops have a fixed length"
    if x:
    y = 2 # want VIG1501 "expected an indented block after 'if'"
    z = 1 +  # want VIG1501 "expected an expression, got the end of the line"
    g(a b) # want VIG1501 "expected ',' or '\)', got 'b'"
    t = 'never  # want VIG1501 "this string is never closed"
    u = 012 # want VIG1501 "'012' is not a number"
    w = 1 $ 2 # want VIG1501 "is not Python"
    f(x = y = 1) # want VIG1501 ""
    1 = x # want VIG1501 "this cannot be assigned"
    return (1] # want VIG1501 "closes the '\(' of line 15"
    pass
      q = 1 # want VIG1501 "this line is indented, the one before opens no block"
    else: # want VIG1501 "'else' belongs to no 'if'"
        pass
    x = 1 if y # want VIG1501 "expected 'else'"
    assert x, y # want VIG1501 "expected the assertion's text"
	x = 2 # want VIG1501 "indent with spaces only"
