cc_library = native.cc_library
cc_binary = native.cc_binary
cc_test = native.cc_test
cc_import = native.cc_import
cc_proto_library = native.cc_proto_library
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
def _noop(ctx):
    return []
cc_flags_supplier = rule(implementation = _noop)
compiler_flag = rule(implementation = _noop)
