#include "common/rpc/wire.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include "common/check.h"

namespace drover {

grpc::ByteBuffer EncodeMessage(const google::protobuf::MessageLite& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  const grpc::Status status =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::MessageLite>(message,
                                                                                     &bytes, &own);
  DROVER_CHECK(status.ok());
  return bytes;
}

bool DecodeMessage(grpc::ByteBuffer* bytes, google::protobuf::MessageLite* message) {
  return grpc::GenericDeserialize<grpc::ProtoBufferReader, google::protobuf::MessageLite>(bytes,
                                                                                          message)
      .ok();
}

}  // namespace drover
