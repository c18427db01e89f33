{
  "targets": [
    {
      "target_name": "<(module_name)",
      "sources": [
        "native/addon.cc",
        "native/color.cc",
        "native/decode.cc",
        "native/detector.cc",
        "native/heap.cc",
        "native/letterbox.cc",
        "native/motion.cc",
        "native/nms.cc",
        "native/pixel_kernels.cc",
        "native/resample.cc",
        "native/rgb.cc",
        "native/runtime.cc",
        "native/service_manager.cc",
        "native/schema_noise.cc",
        "native/session.cc",
        "native/session_options.cc",
        "native/task_thread.cc",
        "native/thread_cpu_time.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=<(napi_build_version)", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-std=gnu++14"],
      "cflags_cc": ["-std=c++17", "-O3", "-Wall", "-Wextra", "-fvisibility=hidden"],
      # Threads and exit handlers of the process use this code: it is never unmapped, not even when the worker that loaded it ends.
      "ldflags": ["-Wl,-z,nodelete"],
      "libraries": ["-ldl", "-pthread"]
    },
    {
      "target_name": "install",
      "type": "none",
      "dependencies": ["<(module_name)"],
      "copies": [{ "files": ["<(PRODUCT_DIR)/<(module_name).node"], "destination": "<(module_path)" }]
    }
  ]
}
