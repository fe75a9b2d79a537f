#ifndef DROVER_COMMON_RPC_WIRE_H_
#define DROVER_COMMON_RPC_WIRE_H_

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/byte_buffer.h>

// Between gRPC's raw messages and protobuf. The services read raw messages to
// see their size before they parse them, and to send one encoding to many.
namespace drover {

grpc::ByteBuffer EncodeMessage(const google::protobuf::MessageLite& message);

// False if `bytes` is not a `message`. Leaves `bytes` empty.
bool DecodeMessage(grpc::ByteBuffer* bytes, google::protobuf::MessageLite* message);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_WIRE_H_
