def helper(a): # want VIG1505 "this file has no spec"
    return a
