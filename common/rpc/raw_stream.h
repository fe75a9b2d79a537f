#ifndef DROVER_COMMON_RPC_RAW_STREAM_H_
#define DROVER_COMMON_RPC_RAW_STREAM_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/sync_stream.h>

#include <memory>

namespace drover {

// A client's bidirectional stream of raw messages: who sends bulk encodes once and keeps the
// bytes, who receives it copies once, to where it belongs (common/rpc/wire.h).
using RawStream = grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;

// Starts the call; `method` is e.g. "/drover.ReplayService/Insert". `context` outlives it.
std::unique_ptr<RawStream> OpenRawStream(grpc::Channel* channel, const char* method,
                                         grpc::ClientContext* context);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_RAW_STREAM_H_
