#include "agent/model/fused_mlp.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "common/check.h"

namespace drover {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Columns and rows that are worth a thread of their own, at least.
constexpr int64_t kColumnsGrain = 1024;
constexpr int64_t kRowsGrain = 4;

// Feature-major [F, stride] memory for N observations.
at::Tensor Empty(int64_t features, Columns columns) {
  return at::empty({features, columns.stride}, at::kFloat);
}

// [F, stride] -> the [N, F] that it holds, a view.
at::Tensor AsRows(const at::Tensor& storage, Columns columns) {
  return storage.narrow(1, 0, columns.count).t();
}

// [N, F] -> feature-major memory: its own, if it is that already.
at::Tensor ToColumns(const at::Tensor& rows, Columns columns) {
  const bool as_is = rows.stride(0) == 1 && rows.stride(1) == columns.stride &&
                     rows.storage_offset() + rows.size(1) * columns.stride <=
                         static_cast<int64_t>(rows.storage().nbytes() / sizeof(float));
  if (as_is) return rows.t().as_strided({rows.size(1), columns.stride}, {columns.stride, 1});
  at::Tensor storage = Empty(rows.size(1), columns);
  AsRows(storage, columns).copy_(rows);
  return storage;
}

DenseWeight View(const at::Tensor& weight) {
  return {weight.const_data_ptr<float>(), weight.size(0), weight.size(1)};
}

// Runs body(first column, columns of its share) on LibTorch's threads.
template <typename Body>
void ForColumns(Columns columns, const Body& body) {
  const int64_t strips = columns.stride / DenseStride(1);
  at::parallel_for(0, strips, kColumnsGrain / DenseStride(1), [&](int64_t begin, int64_t end) {
    const int64_t first = begin * DenseStride(1);
    const int64_t last = std::min(end * DenseStride(1), columns.count);
    body(first, Columns{last - first, columns.stride});
  });
}

at::Tensor Forward(const at::Tensor& weight, const at::Tensor& bias, Nonlinearity f,
                   Columns columns, const at::Tensor& x) {
  at::Tensor y = Empty(weight.size(0), columns);
  const float* const in = x.const_data_ptr<float>();
  float* const out = y.mutable_data_ptr<float>();
  ForColumns(columns, [&](int64_t first, Columns share) {
    DenseForward(View(weight), bias.const_data_ptr<float>(), f, share, in + first, out + first);
  });
  return y;
}

// dx of a layer whose input was `h`, that of the layer before after its f.
at::Tensor BackwardInput(const at::Tensor& weight, Nonlinearity f, Columns columns,
                         const at::Tensor& dz, const at::Tensor& h) {
  at::Tensor dx = Empty(weight.size(1), columns);
  const float* const out = dz.const_data_ptr<float>();
  const float* const before = h.const_data_ptr<float>();
  float* const in = dx.mutable_data_ptr<float>();
  ForColumns(columns, [&](int64_t first, Columns share) {
    DenseBackwardInput(View(weight), f, share, out + first, before + first, in + first);
  });
  return dx;
}

void BackwardWeight(Columns columns, const at::Tensor& dz, const at::Tensor& x,
                    const at::Tensor& dweight, const at::Tensor& dbias) {
  const int64_t in = dweight.size(1);
  at::parallel_for(0, dweight.size(0), kRowsGrain, [&](int64_t begin, int64_t end) {
    DenseBackwardWeight({nullptr, end - begin, in}, columns,
                        dz.const_data_ptr<float>() + begin * columns.stride,
                        x.const_data_ptr<float>(), dweight.mutable_data_ptr<float>() + begin * in,
                        dbias.mutable_data_ptr<float>() + begin);
  });
}

// Saves, of each layer: its weight, and its input as columns; last, the output.
class Stack : public torch::autograd::Function<Stack> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, at::TensorList weights,
                            at::TensorList biases, Nonlinearity f) {
    const Columns columns{x.size(0), DenseStride(x.size(0))};
    variable_list saved;
    at::Tensor h = ToColumns(x, columns);
    for (size_t i = 0; i < weights.size(); ++i) {
      saved.push_back(weights[i]);
      saved.push_back(h);
      h = Forward(weights[i], biases[i], f, columns, h);
    }
    saved.push_back(h);
    context->save_for_backward(std::move(saved));
    context->saved_data["f"] = static_cast<int64_t>(f);
    context->saved_data["count"] = columns.count;
    return AsRows(h, columns);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    DROVER_CHECK(!at::GradMode::is_enabled()) << "a fused stack has no second derivative";
    const variable_list saved = context->get_saved_variables();
    const auto f = static_cast<Nonlinearity>(context->saved_data["f"].toInt());
    const int64_t count = context->saved_data["count"].toInt();
    const Columns columns{count, DenseStride(count)};
    const size_t layers = saved.size() / 2;
    variable_list weight_gradients(layers);
    variable_list bias_gradients(layers);

    at::Tensor dz = ToColumns(outputs[0], columns);
    if (f != Nonlinearity::kNone) {
      at::Tensor through = Empty(dz.size(0), columns);
      DenseBackwardNonlinearity(f, dz.size(0), columns, dz.const_data_ptr<float>(),
                                saved.back().const_data_ptr<float>(),
                                through.mutable_data_ptr<float>());
      dz = through;
    }
    for (size_t i = layers; i-- > 0;) {
      const at::Tensor& weight = saved[2 * i];
      const at::Tensor& x = saved[2 * i + 1];
      if (context->needs_input_grad(1 + i)) {
        weight_gradients[i] = at::zeros_like(weight);
        bias_gradients[i] = at::zeros({weight.size(0)}, at::kFloat);
        BackwardWeight(columns, dz, x, weight_gradients[i], bias_gradients[i]);
      }
      // Before the first layer there is no f.
      const bool wanted = i > 0 || context->needs_input_grad(0);
      if (wanted) dz = BackwardInput(weight, i > 0 ? f : Nonlinearity::kNone, columns, dz, x);
    }
    variable_list gradients{context->needs_input_grad(0) ? AsRows(dz, columns) : at::Tensor()};
    gradients.insert(gradients.end(), weight_gradients.begin(), weight_gradients.end());
    gradients.insert(gradients.end(), bias_gradients.begin(), bias_gradients.end());
    gradients.emplace_back();  // of f
    return gradients;
  }
};

}  // namespace

at::Tensor FusedMlp(const at::Tensor& x, const std::vector<at::Tensor>& weights,
                    const std::vector<at::Tensor>& biases, Nonlinearity f) {
  return Stack::apply(x, at::TensorList(weights), at::TensorList(biases), f);
}

}  // namespace drover
