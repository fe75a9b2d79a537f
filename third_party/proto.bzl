"""C++ for a file of proto/."""

def drover_proto(name, deps = [], service = False):
    """<name>.proto -> the cc_library <name>_cc_proto, with its gRPC stubs if it has a service."""
    outs = [name + ".pb.h", name + ".pb.cc"]
    plugin = ""
    if service:
        outs += [name + ".grpc.pb.h", name + ".grpc.pb.cc"]
        plugin = " --plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin --grpc_out=$(GENDIR)"
    native.filegroup(
        name = name + "_proto",
        srcs = [name + ".proto"] + [dep + "_proto" for dep in deps],
    )
    native.genrule(
        name = name + "_generate",
        srcs = [":" + name + "_proto"],
        outs = outs,
        cmd = "protoc -I. --cpp_out=$(GENDIR)" + plugin + " proto/" + name + ".proto",
    )
    native.cc_library(
        name = name + "_cc_proto",
        srcs = [out for out in outs if out.endswith(".cc")],
        hdrs = [out for out in outs if out.endswith(".h")],
        copts = ["-w"],
        tags = ["generated"],
        visibility = ["//visibility:public"],
        deps = [dep + "_cc_proto" for dep in deps] + ["@protobuf//:protobuf"] +
               (["@grpc//:grpc++"] if service else []),
    )
